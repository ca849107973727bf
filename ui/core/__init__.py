"""The parts that the whole application shares: state, links, navigation, resources, runs.

Nothing here draws a lesson; no other folder touches `st.session_state` or `st.cache_*`.
"""
