"""Twilio's language: webhook URLs, requests, documents, and the document for when our server is down."""
