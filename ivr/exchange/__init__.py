"""An exchange for test calls: it sends webhooks as Twilio does, and executes the documents as strictly."""
