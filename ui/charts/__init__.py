"""Arrays and records become chart specs and pictures: pure functions without Streamlit."""
