"""What a dishonest client gains by each of many strategies, against the most that an honest player could have gained.

`world` has the clients, `maximum` the honest maximum, the other modules the strategies.
"""
