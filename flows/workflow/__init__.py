"""From a study's name to a finished bundle: prepare, plan, check, run, rerun."""
