"""Answering questions by the forms of the pages, as a browser without JavaScript does."""

from levels.questions.presenting import correct_answer, present


def fields_of(question, *, rightly=True):
    """What the form sends for the question."""
    right = correct_answer(question)
    match question.kind:
        case "true_false":
            return {"answer": str(right == rightly).lower()}
        case "short_text" | "number":
            return {"answer": right if rightly else "4711"}
        case "ordering":
            return {f"to-{id_}": place for place, id_ in enumerate(right if rightly else right[::-1], 1)}
        case "matching":
            matches = [choice["id"] for choice in present(question, "")["matches"]]
            return {f"to-{left}": match if rightly else other_than(match, matches) for left, match in right.items()}
    choices = [choice["id"] for choice in present(question, "")["choices"]]
    right = [right] if question.kind == "single_choice" else right
    return {"answer": right if rightly else [next(id_ for id_ in choices if [id_] != right)]}


def other_than(match, matches):
    return next(other for other in matches if other != match)


class PagePlayer:
    """Plays a level on its page."""

    def __init__(self, browser, level_id):
        self.browser, self.address = browser, f"/levels/{level_id}/play"

    def post(self, step="", **fields):
        return self.browser.post(f"{self.address}/{step}", fields, follow=True)

    def look(self):
        return self.browser.get(self.address)

    def begin(self):
        return self.post("start")

    def answer(self, row, *, rightly=True, **fields):
        known = {"session_id": row.play_id, "question_id": row.question.question_id}
        return self.post("answer", **known, **(fields or fields_of(row.question, rightly=rightly)))

    def finish(self, play):
        return self.post("finish", session_id=play.pk)
