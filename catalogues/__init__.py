"""What the catalogues of levels, achievements and badges share: reading files, normal form of texts, editing."""
