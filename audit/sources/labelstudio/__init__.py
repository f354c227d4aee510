"""Label Studio's JSON of tasks with annotations, their history and reviews, and predictions
(https://labelstud.io/guide/task_format, https://labelstud.io/guide/export).

It is read from files alone. `exported` opens one, `events` makes events of a task, `reading` reads those back,
`neutral` says what labels hold.
"""
