def use_style(): pass
