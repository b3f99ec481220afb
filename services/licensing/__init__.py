"""Licensing owns products, licence orders and licences: what a customer may use, and until when."""
