"""The service: detects words in audio streams, stores each event, delivers it, and serves a dashboard.

`app.py` joins the HTTP interface (`api/`, `middleware.py`, `dashboard/`) with the components of `runtime.py`: streams
and their engines (`detection/`), the database (`store/`), and deliveries (`delivery/`).
"""
