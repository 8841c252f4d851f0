"""The networks in PyTorch: recurrent cells, one family a file, the keyword network around them, and the teacher."""
