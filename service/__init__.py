"""The live service: hears streams, keeps every detection, and tells other systems and people of it."""
