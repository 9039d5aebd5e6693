"""Connectors in functions of their own: the same port, its questions and answers carried by Lambda or by HTTP."""
