"""The parts that uploads and downloads are made of."""
