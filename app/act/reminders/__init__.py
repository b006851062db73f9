"""Admins are told of reviews that wait: by an e-mail a day, and by a webhook."""
