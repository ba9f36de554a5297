"""Rule packs: one folder each, read by conventus.core.packs."""
