"""From phrases to sound: recordings, built speech, and the engines that build it."""
