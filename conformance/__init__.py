"""Does a server, or a client, keep its promises on a bad line? It knows the API and nothing else."""
