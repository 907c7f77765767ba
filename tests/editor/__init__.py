"""What an editor makes of the schemas, by the YAML language server that editors use."""
