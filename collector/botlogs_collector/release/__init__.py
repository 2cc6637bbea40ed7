"""The release engine: which conversations are over and due, what is kept, and a receipt for each."""
