"""What learners remember of questions, and practising what they are about to forget."""
