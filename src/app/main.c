/* main.c - one table of commands; each row is one thing the program can do. */
#include "app/command.h"

int main(int argc, char **argv)
{
    (void)argc, (void)argv;
    return 0;
}
