"""Many runs for one question: a grid or a random sample over some settings, compared."""

from ui.core import navigation

row = navigation.guard("sweep")  # before all that takes long to import

import streamlit as st

from nncore.data.datasets import DataUnavailable
from nncore.sweep import Sweep
from ui.core import resources
from ui.sweep import draft as parts
from ui.sweep import progress, results
from ui.sweep.progress import Case


def bench() -> None:
    case = Case(draft, draft.made, dataset) if isinstance(draft.made, Sweep) else None
    progress.panel(texts, draft, case)
    with st.container(border=True, gap="small"):
        st.markdown("**1 Vary**")
        parts.settings(texts, draft, locked=locked)
    if case is not None:
        results.show(texts, case, dark=st.context.theme.type == "dark")


texts = parts.texts()
draft = parts.draft()
parts.keep_carried(draft)
parts.title_row(row, texts, draft)
locked = progress.standing().under_way
try:
    dataset = resources.dataset(draft.base.data)
except DataUnavailable as error:
    st.error(str(error), icon=":material/database_off:")
else:
    bench()
st.header("3 Ask", anchor=False)
parts.presets(texts, locked=locked)
