"""The flows: gather facts, ask the rules to decide, store the decision. They talk to ports only."""
