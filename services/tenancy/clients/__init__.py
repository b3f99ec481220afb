"""What tenancy reaches besides its database: the key that vouches for the activity."""
