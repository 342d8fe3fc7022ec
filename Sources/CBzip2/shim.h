#pragma once
// bzlib.h needs it for the functions on files.
#include <stdio.h>
#include <bzlib.h>
