"""What a caller hears and who is rung: the flow, its events and replies, hunt groups, prompts, usage."""
