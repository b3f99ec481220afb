"""The rules of mailing: which mails there are, when one is due, when one is given up."""
