"""Tools without domain words or models: papers, weeks, money, masks, sheets, encryption, row scope."""
