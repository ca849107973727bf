"""The tool "One batch": a few samples go through the network, back, and change it, step by step."""
