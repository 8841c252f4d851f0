"""The Wyoming protocol, through which Home Assistant and its satellites use a wake-word service.

It has no tokens: whoever can connect to the port may stream to it. So all that a client sends is bounded: its messages
(`messages.py`), its audio (`audio.py`), its connections (`places.py`), and the time that it takes (`client.py`).
"""
