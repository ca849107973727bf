"""The class store: what a class shares, as rows in a database. It knows no Streamlit.

Start at `store.py`: `ClassStore` has every call that a page needs. `values.py` has the values that
go in and come out, `errors.py` the errors. Pages of learners write through `outbox.py`, which keeps
events while the database cannot be reached. `access.py` opens the store of this lab: only then is
SQLAlchemy imported.
"""
