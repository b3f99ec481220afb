"""Tenancy owns resellers, tenants and the assignment of the one to the other: who may see whom."""
