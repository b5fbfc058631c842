"""The web for the people who give and receive this care. Stores, permits, audits, renders; decides nothing clinical."""
