"""From text as delivered to typed, comparable columns: dates, money, codes, names, identifiers, addresses.

Every reader works on the distinct values of a column and is put back by index, so that its cost follows the
variety of the values and not the number of rows. Nothing here raises for a bad value: it becomes null and a
row of DEFECTS.
"""
