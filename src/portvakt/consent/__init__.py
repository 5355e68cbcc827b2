"""MAY this integration see this person: keeps the answer that decides for each pair."""
