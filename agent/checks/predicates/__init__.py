"""Judgements about parsed state, one kind in each module; each public function of them makes a rule."""
