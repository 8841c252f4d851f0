"""A model as an ONNX graph, from the samples to the events, equal to the engines bit for bit."""
