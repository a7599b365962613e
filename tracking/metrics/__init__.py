"""Events of metrics: reporting them one at a time (`services`), or many of several learners (`events`)."""
