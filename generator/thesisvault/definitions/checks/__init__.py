"""What only several definitions together can get wrong: unknown names, bad expressions, impossible sides."""
