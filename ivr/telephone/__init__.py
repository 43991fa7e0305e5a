"""Real telephones over SIP: legs, their sound, and the people at their ends as the exchange meets them.

`stack.py` alone knows the SIP library; everything else knows the types of `dialog.py`.
"""
