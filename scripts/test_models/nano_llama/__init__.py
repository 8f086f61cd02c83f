"""How nano-llama is made: what it learns, its vocabulary, its network and its file."""
