"""The dashboard's parts: the only package that knows Streamlit."""
