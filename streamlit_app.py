"""The Neural Network Lab: its server, and what the server runs for each visitor."""

if __name__ == "__main__":  # for a visitor
    from ui.core import navigation

    page, row = navigation.begin()

    from ui import app

    app.run(page, row)
else:  # `streamlit run` imports this file where it finds an `App` in it
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from ui.page_head import PageHead
    from ui.startup import start_up

    streamlit_app = App(__file__, lifespan=start_up, middleware=[Middleware(PageHead)])
