"""From audio samples to stored events.

A stream's owner (the WebSocket, Wyoming, the microphone) pushes samples into a `Stream`. The `Batcher` runs the engines
of all streams. `Source` turns an engine's trace into detections. The `Hub` hands them to the `Recorder`, which stores
them as events.
"""
