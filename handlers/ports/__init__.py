"""What the flows need from the world, a module for each neighbour, and how the world may fail them."""
