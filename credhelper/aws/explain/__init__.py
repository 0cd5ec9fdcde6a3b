"""Every refusal of AWS or the network as one cause and one command to type."""
