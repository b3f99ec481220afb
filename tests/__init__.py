"""Tests: unit, service, contract, system, browser and architecture, and what supports them."""
