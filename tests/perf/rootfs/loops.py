"""Loops of the usual kinds in plain Python; prints what depends on all of it."""


class Account:
    def __init__(self, number):
        self.number, self.balance = number, 0

    def book(self, amount):
        self.balance = (self.balance * 3 + amount) % 1000003
        return self.balance


def primes(limit):
    marks = bytearray([1]) * limit
    for number in range(2, limit):
        if marks[number]:
            for multiple in range(number * number, limit, number):
                marks[multiple] = 0
    return sum(marks) - 2


def collatz(limit):
    longest = 0
    for start in range(1, limit):
        value, steps = start, 0
        while value != 1:
            value = value // 2 if value % 2 == 0 else 3 * value + 1
            steps += 1
        longest = max(longest, steps)
    return longest


def words(count):
    seen = {}
    state = 1
    for _ in range(count):
        state = state * 1103515245 + 12345 & 0x7fffffff
        word = "w" + str(state % 5000)
        seen[word] = seen.get(word, 0) + 1
    return sum(length * seen[word] for length, word in enumerate(sorted(seen)))


def matrix(size):
    rows = [[(row * column) % 7 + 0.5 for column in range(size)] for row in range(size)]
    return sum(sum(a * b for a, b in zip(row, column)) for row in rows for column in zip(*rows))


def accounts(count):
    every = [Account(number) for number in range(100)]
    return sum(every[number % 100].book(number) for number in range(count))


def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


print(primes(600000), collatz(12000), words(250000), matrix(70), accounts(400000), fibonacci(23))
