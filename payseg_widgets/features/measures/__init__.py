"""One measure of payment behaviour a file; the register imports them all."""
