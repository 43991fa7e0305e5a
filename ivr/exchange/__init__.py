"""An exchange for test calls: it sends webhooks as Twilio does, and refuses documents that Twilio refuses."""
