"""The rules, one a file: see `payseg_widgets.strategy.rule`."""
